import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { types } from 'mediasoup';

const LOOPBACK = '127.0.0.1';
/** Holds what a stream sends while this process is busy; the kernel may give less. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

/** A PlainTransport of a router, and the socket of this process at the other end of it. RTP and RTCP share the ports. */
export type Loopback = { transport: types.PlainTransport; socket: Socket; close(): void };

/** Rejects when the router is closed, or its worker dies, meanwhile. */
export async function openLoopback(router: types.Router): Promise<Loopback> {
  const socket = createSocket('udp4');
  // A worker that was killed leaves a port without anybody behind, which is told by errors.
  socket.on('error', () => {});
  try {
    socket.bind(0, LOOPBACK);
    await once(socket, 'listening');
    socket.setRecvBufferSize(RECEIVE_BUFFER);
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: LOOPBACK },
      rtcpMux: true,
      comedia: false,
    });
    await transport.connect({ ip: LOOPBACK, port: (socket.address() as AddressInfo).port });
    // From now on the socket takes packets of the worker only.
    socket.connect(transport.tuple.localPort, LOOPBACK);
    await once(socket, 'connect');
    const close = (): void => {
      transport.close();
      socket.close();
    };
    return { transport, socket, close };
  } catch (error) {
    socket.close();
    throw error;
  }
}
