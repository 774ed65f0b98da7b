import { randomUUID } from 'node:crypto';
import { defineFeature } from '@amphi/rooms';
import { chatEvents, type ChatMessage, chatMethods } from './protocol.ts';

const MAX_KEPT = 200;

/** Chat: messages to everybody, the last of them kept while somebody is in the room. */
export const chat = defineFeature({
  name: 'chat',
  methods: chatMethods,
  events: chatEvents,
  open(room) {
    const messages: ChatMessage[] = [];
    /** What was written where the audience could not hear it. */
    const backstage = new WeakSet<ChatMessage>();
    return {
      handlers: {
        'chat.send'(member, { text }) {
          const { name } = member.info();
          const message: ChatMessage = { id: randomUUID(), memberId: member.id, name, text, at: room.now() };
          messages.push(message);
          if (messages.length > MAX_KEPT) messages.shift();
          if (['backstage', 'ended'].includes(room.policy().audience)) backstage.add(message);
          for (const reader of room.members()) {
            if (reader.role !== 'viewer' || reader.may('chat')) {
              reader.deliver({ name: 'chat.message', data: { message } });
            }
          }
          return { message };
        },
        'chat.history': (member) => ({
          messages: messages.filter((message) => member.role !== 'viewer' || !backstage.has(message)),
        }),
      },
    };
  },
});
