import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FeatureContext, FeatureInstance } from '../../web/src/ui/feature-view.ts';
import { createChat, type Chat, type ChatMessage } from './client.ts';

export type ChatText =
  | 'chat.write'
  | 'chat.placeholder'
  | 'chat.send'
  | 'chat.empty'
  | 'chat.failed'
  | 'chat.not-allowed'
  | 'chat.messages'
  | 'chat.new';

type Context = FeatureContext<ChatText>;

const MAX_LENGTH = 2000;
/** Messages of one person within this time stand under one name. */
const GROUP_MS = 3 * 60_000;

/** The text in pieces, with web addresses apart so that they can be links. */
export function splitLinks(text: string): { text: string; link: boolean }[] {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/)
    .map((piece, index) => ({ text: piece, link: index % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}

/** Chat in one call: collects messages from the start, so that they are there and counted when the panel is opened. */
export function createChatView(context: Context): FeatureInstance {
  const { call } = context;
  const chat = createChat(call);
  const messages = signal(chat.messages);
  const unread = signal(0);
  let open = false;

  const offs = [
    chat.onChange((next) => (messages.value = next)),
    call.onEvent('chat.message', ({ message }: { message: ChatMessage }) => {
      if (open || message.memberId === call.selfId) return;
      unread.value += 1;
      context.notify(context.text('chat.new', { name: message.name, text: shorten(message.text) }));
    }),
  ];
  // This code is fetched while the call is being joined: the join may have been first.
  if (call.state === 'joined') chat.load().catch(() => undefined);

  return {
    unread,
    Panel: () => <ChatPanel context={context} chat={chat} messages={messages} />,
    setOpen(next) {
      open = next;
      if (open) unread.value = 0;
    },
    close() {
      for (const off of offs) off();
      chat.close();
    },
  };
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

type PanelProps = { context: Context; chat: Chat; messages: ReadonlySignal<readonly ChatMessage[]> };

function ChatPanel({ context, chat, messages }: PanelProps) {
  const list = useRef<HTMLDivElement>(null);
  const count = messages.value.length;
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [count]);

  return (
    <div class="chat">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be reachable by keyboard */}
      <div ref={list} class="chat-list" role="log" aria-label={context.text('chat.messages')} tabIndex={0}>
        {count === 0 && <p class="chat-empty">{context.text('chat.empty')}</p>}
        {messages.value.map((message, index) => (
          <ChatLine key={message.id} message={message} previous={messages.value[index - 1]} context={context} />
        ))}
      </div>
      <ChatForm context={context} chat={chat} />
    </div>
  );
}

type LineProps = { message: ChatMessage; previous: ChatMessage | undefined; context: Context };

function ChatLine({ message, previous, context }: LineProps) {
  const continued = previous?.memberId === message.memberId && message.at - previous.at < GROUP_MS;
  const own = message.memberId === context.call.selfId;
  const time = new Date(message.at);
  return (
    <article class={`chat-message ${own ? 'chat-own' : ''} ${continued ? 'chat-continued' : ''}`}>
      {!continued && (
        <header>
          <strong>{message.name}</strong>
          <time dateTime={time.toISOString()}>{time.toLocaleTimeString(context.locale(), { timeStyle: 'short' })}</time>
        </header>
      )}
      <p>
        {splitLinks(message.text).map((piece, index) =>
          piece.link ? (
            <a key={index} href={piece.text} target="_blank" rel="noopener noreferrer">
              {piece.text}
            </a>
          ) : (
            piece.text
          ),
        )}
      </p>
    </article>
  );
}

function ChatForm({ context, chat }: { context: Context; chat: Chat }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [allowed, setAllowed] = useState(() => context.call.may('chat'));
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    const look = () => setAllowed(context.call.may('chat'));
    // The right may have come between the first drawing and this.
    look();
    return context.call.on('self', look);
  }, [context]);

  const send = async () => {
    const text = box.current?.value.trim() ?? '';
    if (text === '' || box.current === null) return;
    box.current.value = '';
    try {
      await chat.send(text);
    } catch (error) {
      // What was written is given back, unless something new stands there already.
      if (box.current?.value === '') box.current.value = text;
      context.notify(context.text('chat.failed', { reason: context.errorText(error) }));
    }
  };

  return (
    <form
      class="chat-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={box}
        class="input"
        rows={2}
        maxLength={MAX_LENGTH}
        aria-label={context.text('chat.write')}
        disabled={!allowed}
        placeholder={context.text(allowed ? 'chat.placeholder' : 'chat.not-allowed')}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void send();
        }}
      />
      <button type="submit" class="button button-primary" disabled={!allowed}>
        <span>{context.text('chat.send')}</span>
      </button>
    </form>
  );
}
