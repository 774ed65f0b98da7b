// What the tests of rooms, features and server share: a clock that is moved by hand, and a media plane without media.
export { FakeClock } from './fake-clock.ts';
export { FakeLink } from './fake-link.ts';
export { FakePlane, FakeRoomMedia } from './fake-media.ts';
export { FakeMember } from './fake-member.ts';
export { startedProcesses } from './processes.ts';
export { quietLogger } from './quiet-logger.ts';
export { camera, idle, startRoom } from './start-room.ts';
export { call, HOST_KEY, startRooms, type TestRooms } from './start-rooms.ts';
export { until } from './until.ts';
