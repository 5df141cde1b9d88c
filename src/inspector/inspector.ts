/**
 * The inspector as the local issuer serves it: the page, and what it lives on. The build makes one file of it, which is
 * loaded when somebody looks.
 */
import type { RequestListener } from "node:http";
import type { Clock } from "../delivery/clock.ts";
import { createLiveFeed, type LiveFeed } from "./live-feed.ts";
import type { LiveSource } from "./live-page.ts";
import { readPage } from "./page-files.ts";
import { createStaticPage } from "./static-page.ts";

export { describeDelivery } from "./describe-delivery.ts";

export interface Inspector extends LiveFeed {
  readonly answer: RequestListener;
}

export interface InspectorOptions {
  readonly clock: Clock;
  /** Where the page's files are. Default: beside the bundle. */
  readonly directory?: string | undefined;
}

/** @throws {PageMissingError} `ERR_PAGE_MISSING` */
export async function createInspector(source: LiveSource, options: InspectorOptions): Promise<Inspector> {
  const answer = createStaticPage(await readPage(options.directory));
  return { ...createLiveFeed(source, options), answer };
}
