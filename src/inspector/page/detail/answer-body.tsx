import type { VNode } from "preact";
import type { Attempt } from "../../../delivery/delivery.ts";
import { LongText } from "./long-text.tsx";

/** What the app said: JSON with its lines, anything else as it came. */
export function AnswerBody({ response }: { readonly response: NonNullable<Attempt["response"]> }): VNode {
  const { body, truncated } = response;
  if (body === "") return <p class="muted">The answer&rsquo;s body is empty.</p>;
  return (
    <>
      <LongText text={withLines(body)} label="The answer's body" />
      {truncated && <p class="muted">The rest of it was not kept.</p>}
    </>
  );
}

function withLines(body: string): string {
  if (!/^\s*[{[]/.test(body)) return body;
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
