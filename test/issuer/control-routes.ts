/** The routes of the control API as Express keeps them. */
import type { Router } from "express";
import type { MockControl } from "../../src/issuer/routes/mock-control.ts";
import { createRateLimit } from "../../src/mock/rate-limit.ts";

/** What processes of a project say to each other. */
export const internalRoutes: readonly string[] = ["POST /hand-over", "GET /until-closing"];

/** A mock that does nothing. */
export const emptyMock: MockControl = {
  advance: () => Promise.resolve(),
  emit: () => Promise.reject(new Error("not asked for")),
  now: () => 0,
  pending: () => [],
  rateLimit: createRateLimit(),
  reset: () => Promise.resolve(),
  setDisabled: () => undefined,
  untilEnded: () => undefined,
  webhooks: () => [],
};

/** `GET /webhooks/:id`, of a router and those in it. */
export function routesOf(router: Router, under = ""): string[] {
  return (router.stack as unknown as readonly Layer[]).flatMap(({ route, handle, rawPath }) => {
    if (route === undefined) return isRouter(handle) ? routesOf(handle, under + mountOf(rawPath)) : [];
    const path = (under + route.path).replace(/(?<=.)\/$/, "");
    // A method is there once for each of its handlers.
    return [...new Set(route.stack.map(({ method }) => `${method.toUpperCase()} ${path}`))];
  });
}

/** As Express keeps what it was told. */
interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method: string }[] };
  readonly handle: unknown;
  readonly rawPath: string;
}

function isRouter(handle: unknown): handle is Router {
  return typeof handle === "function" && "stack" in handle;
}

function mountOf(rawPath: string): string {
  return rawPath === "/" ? "" : rawPath;
}
