export interface HttpForwarder {
  /** `http://localhost:<port>`. */
  readonly url: string;
  close(): Promise<void>;
}

export function forwardHttp(localPort: number): Promise<HttpForwarder>;
