import { BlockList, isIPv6 } from 'node:net';
import { SPECIAL_RANGES } from '../turn/special-ranges.ts';

/** The special-purpose addresses as a list that can be asked. `::` is not among the ranges, for coturn's sake. */
export function specialList(): BlockList {
  const list = new BlockList();
  list.addAddress('::', 'ipv6');
  for (const range of SPECIAL_RANGES) {
    const [first = '', last = ''] = range.split('-');
    list.addRange(first, last, isIPv6(first) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether a list has an address, given as text. */
export function has(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
