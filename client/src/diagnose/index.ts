export { allocate, type Allocation, type RelayServer } from './allocate.ts';
export { openProbe, type Candidate, type PathResult, type Probe } from './probe.ts';
export { opensWebSocket } from './web-socket.ts';
