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
    return {
      handlers: {
        'chat.send'(member, { text }) {
          const { name } = member.info();
          const message: ChatMessage = { id: randomUUID(), memberId: member.id, name, text, at: room.now() };
          messages.push(message);
          if (messages.length > MAX_KEPT) messages.shift();
          room.broadcast({ name: 'chat.message', data: { message } });
          return { message };
        },
        'chat.history': () => ({ messages: [...messages] }),
      },
    };
  },
});
