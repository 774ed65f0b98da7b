import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type ConsoleAddress = { port: number; password: string };

/** An allocation as coturn lists it. */
export type Allocation = { id: string; username: string };

/** What it ends all that it says with; nothing in its lists ends a piece of them like that. */
const PROMPT = '> ';
const PASSWORD_PROMPT = 'Enter password: \n';
const PATIENCE_MS = 5000;

/** coturn's own console (`cli`, on loopback), the one means by which it ends allocations before their holders do. */
export interface Console {
  allocations(): Promise<Allocation[]>;
  cancel(id: string): Promise<void>;
  close(): void;
}

/** Rejects when nobody is there, or it does not take the password. */
export async function openConsole({ port, password }: ConsoleAddress): Promise<Console> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the console of coturn does not answer')));
  socket.setEncoding('utf8');
  await once(socket, 'connect');
  await answer(socket, PASSWORD_PROMPT);
  const tell = (line: string) => {
    const said = answer(socket, PROMPT);
    socket.write(`${line}\r\n`);
    return said;
  };
  await tell(password);
  return {
    allocations: async () => parseAllocations(await tell('ps')),
    // `cs` takes an id only; whatever else came in the list is no id.
    cancel: async (id) => void (await tell(`cs ${id}`)),
    close: () => void socket.destroy(),
  };
}

/** All that comes up to and with `end`. */
async function answer(socket: Socket, end: string): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off('data', take).off('error', fail).off('close', gone);
    };
    const take = (chunk: string) => {
      text += chunk.replaceAll('\r', '');
      if (!text.endsWith(end)) return;
      settle();
      resolve(text);
    };
    const fail = (error: Error) => {
      settle();
      reject(error);
    };
    const gone = () => fail(new Error('coturn closed its console'));
    socket.on('data', take).on('error', fail).on('close', gone);
  });
}

/** Reads the answer to `ps`: `1) id=000000000000000001, user <1795552589:session>:`, with more of each below. */
export function parseAllocations(text: string): Allocation[] {
  return [...text.matchAll(/^ *\d+\) id=(\d+), user <([^>\n]*)>/gm)].map(([, id = '', username = '']) => ({
    id,
    username,
  }));
}
