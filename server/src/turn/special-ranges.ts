/**
 * Where a relay must never send: every range of the IANA special-purpose registries (RFC 6890), multicast, and all of
 * IPv6 that is not handed out as global unicast (2000::/3), with which mapped, compatible, translated (64:ff9b::/96),
 * link-local, site-local and unique local addresses are refused in one go.
 *
 * No range starts at `::`: coturn 4.6.1 takes one that does for «every IPv4 address» as well. `::` itself, loopback and
 * 0.0.0.0 it refuses without being told.
 */
export const SPECIAL_RANGES: readonly string[] = [
  '0.0.0.0-0.255.255.255', // this network
  '10.0.0.0-10.255.255.255', // private
  '100.64.0.0-100.127.255.255', // carrier-grade NAT
  '127.0.0.0-127.255.255.255', // loopback
  '169.254.0.0-169.254.255.255', // link-local, and the metadata services of clouds
  '172.16.0.0-172.31.255.255', // private
  '192.0.0.0-192.0.0.255', // IETF protocol assignments
  '192.0.2.0-192.0.2.255', // documentation
  '192.31.196.0-192.31.196.255', // AS112
  '192.52.193.0-192.52.193.255', // AMT
  '192.88.99.0-192.88.99.255', // 6to4 relays
  '192.168.0.0-192.168.255.255', // private
  '192.175.48.0-192.175.48.255', // AS112
  '198.18.0.0-198.19.255.255', // benchmarks
  '198.51.100.0-198.51.100.255', // documentation
  '203.0.113.0-203.0.113.255', // documentation
  '224.0.0.0-239.255.255.255', // multicast
  '240.0.0.0-255.255.255.255', // reserved, broadcast
  '::1-1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', // below global unicast
  '2001::-2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', // Teredo, benchmarks, ORCHID
  '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', // documentation
  '2002::-2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', // 6to4, which holds any IPv4 address
  '2620:4f:8000::-2620:4f:8000:ffff:ffff:ffff:ffff:ffff', // AS112
  '3fff::-3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', // documentation
  '4000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', // above global unicast
];
