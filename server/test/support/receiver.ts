import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export type Message = { type: string; timestamp: string; data: Record<string, unknown> };

/** Another site, to which events are posted. */
export class Receiver {
  /** What came and bore a good signature, by an implementation that is not ours. */
  readonly messages: Message[] = [];
  readonly ids: string[] = [];
  /** What came and did not. */
  readonly refused: string[] = [];
  /** What it answers. */
  status = 204;
  secret = '';
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.#take(Buffer.concat(chunks).toString(), request.headers);
      response.writeHead(this.status).end();
    });
  });

  /** On the port given, or a free one. */
  async listen(port = 0): Promise<number> {
    await new Promise<void>((done) => this.#server.listen(port, '127.0.0.1', done));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(body: string, headers: IncomingHttpHeaders): void {
    try {
      new Webhook(this.secret).verify(body, headers as Record<string, string>);
    } catch (error) {
      this.refused.push(String(error));
      return;
    }
    if (this.status >= 300) return;
    this.ids.push(String(headers['webhook-id']));
    this.messages.push(JSON.parse(body) as Message);
  }
}
