import { signal } from '@preact/signals';
import { load, save } from './storage.ts';

export type RecentRoom = { id: string; at: number };

const KEPT = 6;

/** The list with this room first, without its earlier entry, cut to the length that is shown. */
export function withVisit(rooms: readonly RecentRoom[], id: string, at: number): RecentRoom[] {
  return [{ id, at }, ...rooms.filter((room) => room.id !== id)].slice(0, KEPT);
}

export const recentRooms = signal<RecentRoom[]>(load('recent', []));

export function rememberRoom(id: string): void {
  recentRooms.value = withVisit(recentRooms.value, id, Date.now());
  save('recent', recentRooms.value);
}

export function forgetRoom(id: string): void {
  recentRooms.value = recentRooms.value.filter((room) => room.id !== id);
  save('recent', recentRooms.value);
}
