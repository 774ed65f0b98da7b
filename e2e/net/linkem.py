#!/usr/bin/env python3
"""A bad network cable: joins two TUN devices and delays, loses, limits or cuts what passes between them.

Stands in for `tc netem`, which not every kernel has. Usage: linkem.py DEVICE_A DEVICE_B. The caller moves the devices
into their namespaces once `ready` is printed. Settings arrive as JSON lines on stdin and hold from then on:

    {"direction": "ab" | "ba" | "both", "set": {"delay": 50, "loss": 5}}
    {"counters": true}   answered by one JSON line: packets seen, lost by chance or cut, dropped by a full queue

The end of stdin ends the program, so that nothing stays behind when a test run is killed.
"""
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
MAX_PACKET = 65535
UDP = 17
# The first two bytes of an RTCP packet that is a picture loss indication (RFC 4585 section 6.3.1); SRTCP leaves them clear.
PLI = bytes([0x81, 206])
# So many packets are read from a device before the timers are looked at again.
READ_BATCH = 64


def open_tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


class Direction:
    """One way of the link, with its settings and counters."""

    def __init__(self):
        self.settings = {
            "delay": 0,  # milliseconds
            "jitter": 0,  # standard deviation of the delay in milliseconds; packets may overtake each other
            "loss": 0,  # percent
            "rate": 0,  # kbit/s, 0 for no limit
            "queue": 300,  # milliseconds of waiting at `rate` before packets are dropped
            "down": False,  # nothing passes
            "udp_drop": False,  # a firewall that lets only TCP (and ICMP) through
            "pli_drop": False,  # bad luck: every request for a key frame is lost
        }
        self.free_at = 0.0
        self.seen = self.lost = self.overflowed = 0

    def due(self, packet, now):
        """When the packet is to come out at the other end, or None when it is not."""
        s = self.settings
        self.seen += 1
        blocked = s["down"] or (s["udp_drop"] and is_udp(packet)) or (s["pli_drop"] and is_pli(packet))
        if blocked or random.random() * 100 < s["loss"]:
            self.lost += 1
            return None
        sent = now
        if s["rate"]:
            start = max(now, self.free_at)
            if (start - now) * 1000 > s["queue"]:
                self.overflowed += 1
                return None
            sent = self.free_at = start + len(packet) * 8 / (s["rate"] * 1000)
        delay = s["delay"] + (random.gauss(0, s["jitter"]) if s["jitter"] else 0)
        return sent + max(0, delay) / 1000


def is_udp(packet):
    version = packet[0] >> 4
    return packet[9 if version == 4 else 6] == UDP


def is_pli(packet):
    payload = ((packet[0] & 15) * 4 if packet[0] >> 4 == 4 else 40) + 8
    return is_udp(packet) and packet[payload : payload + 2] == PLI


def obey(line, directions):
    message = json.loads(line)
    if "set" in message:
        chosen = {"ab": directions[:1], "ba": directions[1:], "both": directions}[message.get("direction", "both")]
        for direction in chosen:
            direction.settings.update(message["set"])
    if message.get("counters"):
        answer = [{"seen": d.seen, "lost": d.lost, "overflowed": d.overflowed} for d in directions]
        print(json.dumps(answer), flush=True)


def deliver(waiting, devices):
    """Writes out what is due and answers the seconds until the next packet is, or None."""
    while waiting:
        now = time.monotonic()
        if waiting[0][0] > now:
            return waiting[0][0] - now
        _, _, end, packet = heapq.heappop(waiting)
        try:
            os.write(devices[end], packet)
        except OSError:
            pass  # The interface is down at that end: a cable does not mind.
    return None


def main():
    devices = [open_tun(name) for name in sys.argv[1:3]]
    directions = [Direction(), Direction()]
    waiting = []
    count = 0
    commands = b""
    print("ready", flush=True)
    while True:
        timeout = deliver(waiting, devices)
        readable, _, _ = select.select([*devices, 0], [], [], timeout)
        now = time.monotonic()
        for source in readable:
            if source == 0:
                chunk = os.read(0, MAX_PACKET)
                if not chunk:
                    return
                *lines, commands = (commands + chunk).split(b"\n")
                for line in lines:
                    obey(line, directions)
                continue
            end = devices.index(source)
            for _ in range(READ_BATCH):
                try:
                    packet = os.read(source, MAX_PACKET)
                except OSError:
                    break
                due = directions[end].due(packet, now)
                if due is not None:
                    count += 1
                    heapq.heappush(waiting, (due, count, 1 - end, packet))


main()
