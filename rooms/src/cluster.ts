import { randomBytes } from 'node:crypto';

/**
 * All that the nodes of one Amphi have to know of each other. Rooms do not see it: the directory and the session manager
 * are its only users. {@link createMemoryCluster} serves a single process; an implementation over Redis takes its place
 * for several.
 */
export interface Cluster {
  readonly nodeId: string;

  /** Makes this node the room's owner if it has none, and answers who the owner is. */
  claimRoom(roomId: string): Promise<string>;
  /** Gives the room up; nothing when this node is not its owner. */
  releaseRoom(roomId: string): Promise<void>;
  /** The node that owns the room, or undefined while nobody is in it. */
  ownerOfRoom(roomId: string): Promise<string | undefined>;
  /** The origin under which clients reach a node, or undefined where that is not known. */
  originOf(nodeId: string): Promise<string | undefined>;

  /** Says that this node holds the session with that token hash. */
  claimSession(tokenHash: string): Promise<void>;
  releaseSession(tokenHash: string): Promise<void>;
  /** The node that holds the session, or undefined when none does. */
  nodeOfSession(tokenHash: string): Promise<string | undefined>;

  /** Tells all subscribers of a topic on all nodes, this one included. Messages must survive JSON. */
  publish<T extends keyof ClusterTopics>(topic: T, message: ClusterTopics[T]): Promise<void>;
  /** Listens; the answer unsubscribes. */
  subscribe<T extends keyof ClusterTopics>(topic: T, listener: (message: ClusterTopics[T]) => void): () => void;

  close(): Promise<void>;
}

/** What nodes tell each other. */
export type ClusterTopics = {
  /** A room's durable record changed: its owner applies it to the live room. */
  'room.changed': { roomId: string };
  /** The session goes on elsewhere, as a new one: whoever holds it ends it. */
  'session.replaced': { tokenHash: string };
  /** A stream key is void from now on: whoever publishes with it ends. */
  'stream-key.gone': { keyId: string };
};

type Listener = { topic: keyof ClusterTopics; run: (message: never) => void };

/** What the nodes of a memory cluster share. */
type Shared = {
  rooms: Map<string, string>;
  sessions: Map<string, string>;
  origins: Map<string, string>;
  listeners: Set<Listener>;
};

export type MemoryCluster = Cluster & {
  /** Another node that shares this one's state, as tests need it. */
  peer(origin?: string): MemoryCluster;
};

/** A cluster in this process's memory. */
export function createMemoryCluster(): MemoryCluster {
  return createNode({ rooms: new Map(), sessions: new Map(), origins: new Map(), listeners: new Set() });
}

function createNode(shared: Shared, origin?: string): MemoryCluster {
  const nodeId = randomBytes(6).toString('hex');
  if (origin !== undefined) shared.origins.set(nodeId, origin);
  const own = new Set<Listener>();

  return {
    nodeId,
    peer: (at) => createNode(shared, at),

    async claimRoom(roomId) {
      const owner = shared.rooms.get(roomId) ?? nodeId;
      shared.rooms.set(roomId, owner);
      return owner;
    },
    async releaseRoom(roomId) {
      if (shared.rooms.get(roomId) === nodeId) shared.rooms.delete(roomId);
    },

    async ownerOfRoom(roomId) {
      return shared.rooms.get(roomId);
    },
    async originOf(id) {
      return shared.origins.get(id);
    },

    async claimSession(tokenHash) {
      shared.sessions.set(tokenHash, nodeId);
    },
    async releaseSession(tokenHash) {
      if (shared.sessions.get(tokenHash) === nodeId) shared.sessions.delete(tokenHash);
    },
    async nodeOfSession(tokenHash) {
      return shared.sessions.get(tokenHash);
    },

    async publish(topic, message) {
      for (const listener of shared.listeners) {
        if (listener.topic === topic) listener.run(message as never);
      }
    },
    subscribe(topic, run) {
      const listener: Listener = { topic, run };
      shared.listeners.add(listener);
      own.add(listener);
      return () => {
        shared.listeners.delete(listener);
        own.delete(listener);
      };
    },

    async close() {
      for (const listener of own) shared.listeners.delete(listener);
      own.clear();
      for (const [roomId, owner] of shared.rooms) if (owner === nodeId) shared.rooms.delete(roomId);
      for (const [hash, owner] of shared.sessions) if (owner === nodeId) shared.sessions.delete(hash);
    },
  };
}
