/** A tunnel that ngrok has opened, in one of the ways. */
export interface NgrokTunnel {
  readonly publicUrl: URL;
  /** Resolves with the cause. ngrok itself comes back after a loss of its connection, under the same URL. */
  readonly lost: Promise<string>;
  /** Resolves when it has ended, or has had its time. */
  end(): Promise<void>;
}
