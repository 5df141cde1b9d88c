import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Delivery } from "../../../delivery/delivery.ts";
import { CopyButton } from "../copy-button.tsx";
import { visibleText } from "../visible-text.ts";

const shownLength = 4_000;
const parts = ["header", "claims", "signature"] as const;

/** The body of the webhook request: a JWT in its three parts. */
export function Token({ delivery }: { readonly delivery: Delivery }): VNode {
  const [isWhole, setIsWhole] = useState(false);
  const { token, isRedacted } = delivery;
  if (isRedacted === true || token === "") {
    return (
      <section>
        <h3>Token</h3>
        <p class="muted">It was not kept: this delivery was recorded with --redact.</p>
      </section>
    );
  }
  const segments = token.split(".");
  const isCut = token.length > shownLength && !isWhole;
  return (
    <section>
      <h3>
        {segments.length === 3 ? "Token" : "Body"} <CopyButton text={token} what="the token" />
      </h3>
      <pre class="text-box token" tabIndex={0} role="region" aria-label="The token">
        {segments.length === 3
          ? segments.map((segment, index) => (
              <span key={parts[index]} class={`token-${parts[index]}`}>
                {index > 0 && "."}
                {isCut ? segment.slice(0, shownLength / 2) : segment}
                {isCut && segment.length > shownLength / 2 && "…"}
              </span>
            ))
          : visibleText(isCut ? `${token.slice(0, shownLength)}…` : token)}
      </pre>
      <p class="token-key">
        {segments.length === 3 &&
          parts.map((part) => (
            <span key={part} class={`token-${part}`}>
              {part}
            </span>
          ))}
        {isCut && (
          <button type="button" class="quiet" onClick={() => setIsWhole(true)}>
            Show all {token.length.toLocaleString("en")} characters
          </button>
        )}
      </p>
    </section>
  );
}
