import { isIPv4 } from 'node:net';

/** The bytes of an IPv4 or IPv6 address: 4 or 16. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [a = 0, b = 0, c = 0, d = 0] = (dotted ?? []).slice(1).map(Number);
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
  const plain = dotted ? `${address.slice(0, dotted.index)}${hex(a, b)}:${hex(c, d)}` : address;
  const [head = '', tail = ''] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = plain.includes('::') ? [...groups(head), ...zeros, ...groups(tail)] : groups(plain);
  const bytes = Buffer.alloc(16);
  for (const [index, group] of all.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return bytes;
}
