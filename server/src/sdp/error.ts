/**
 * A session description that cannot be answered. `status` is the HTTP status that says so: 400 for what is no valid SDP, 422
 * for valid SDP that this server cannot do anything with.
 */
export class SdpError extends Error {
  override readonly name = 'SdpError';
  readonly status: 400 | 422;

  constructor(status: 400 | 422, message: string) {
    super(message);
    this.status = status;
  }
}
