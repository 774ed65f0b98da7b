import { event, id, method } from '@amphi/protocol';
import { z } from 'zod';

export const chatMessage = z.object({
  id,
  memberId: id,
  /** The name at the time of writing. */
  name: z.string(),
  text: z.string(),
  /** Milliseconds since the epoch, by the server's clock. */
  at: z.number(),
});
export type ChatMessage = z.infer<typeof chatMessage>;

export const chatMethods = {
  'chat.send': method({
    input: z.object({ text: z.string().trim().min(1).max(2000) }),
    output: z.object({ message: chatMessage }),
    permission: 'chat',
    rate: { burst: 10, perSecond: 1 },
    maxBytes: 12 * 1024,
    about: 'Writes to everybody in the room.',
  }),
  'chat.history': method({
    input: z.object({}),
    output: z.object({ messages: z.array(chatMessage) }),
    permission: 'chat',
    rate: { burst: 5, perSecond: 0.5 },
    about: 'The last messages, oldest first, at most 200; gone when the room is empty.',
  }),
};
export type ChatMethods = typeof chatMethods;

export const chatEvents = {
  'chat.message': event({ data: z.object({ message: chatMessage }), about: 'Somebody wrote; the writer gets it too.' }),
};
export type ChatEvents = typeof chatEvents;
