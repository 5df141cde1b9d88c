import type { VNode } from "preact";
import type { DeliveryDetail } from "../../protocol.ts";
import type { ApiError } from "../api-error.ts";
import type { DetailProps } from "../pane-props.ts";
import { Actions } from "./actions.tsx";
import { Attempts } from "./attempts.tsx";
import { ClaimsTree } from "./claims-tree.tsx";
import { CopyButton } from "../copy-button.tsx";
import { Headers } from "./headers.tsx";
import { Headline } from "./headline.tsx";
import { Ladder } from "./ladder.tsx";
import { Problem } from "./problem.tsx";
import { outlineOf, SummaryFacts } from "./summary-facts.tsx";
import { Token } from "./token.tsx";
import { useDetail } from "./use-detail.ts";
import { Verification } from "./verification.tsx";

/** One delivery: what it is, what went wrong, what can be done, and all that is known of it. */
export function Detail(props: DetailProps): VNode {
  const { id, summary, change, api, clockAheadMs, isReadOnly, onClose, onOpen } = props;
  const { detail, error, reload } = useDetail(api, id, change);
  const loadError = error !== undefined && (
    <LoadError error={error} isReadOnly={isReadOnly} onRetry={reload} />
  );
  if (detail === undefined && summary !== undefined) {
    return (
      <article class="detail" aria-labelledby="detail-title" aria-busy={error === undefined}>
        <Headline delivery={outlineOf(summary)} onClose={onClose} onOpen={onOpen} />
        {loadError || <p class="muted">Loading…</p>}
        {error !== undefined && <SummaryFacts summary={summary} />}
      </article>
    );
  }
  if (detail === undefined) {
    return (
      <article class="detail" aria-busy={error === undefined}>
        <header class="headline">
          <div class="headline-top">
            <h2 id="detail-title" tabIndex={-1}>
              {error === undefined ? "Loading…" : titleOf(error)}
            </h2>
            <button type="button" class="quiet" onClick={onClose}>
              Close
            </button>
          </div>
          <p class="mono muted">{id}</p>
        </header>
        {loadError}
      </article>
    );
  }
  return (
    <article class="detail" aria-labelledby="detail-title">
      <Headline delivery={detail.delivery} onClose={onClose} onOpen={onOpen} />
      {loadError}
      {detail.delivery.isRedacted === true && (
        <p class="note">
          Recorded with <code>--redact</code>: personal values are masked, and the token was not kept. The app
          got the real bytes.
        </p>
      )}
      <Problem key={`problem-${id}`} detail={detail} />
      <Actions key={`actions-${id}`} detail={detail} api={api} isReadOnly={isReadOnly} onOpen={onOpen} />
      <Sections key={id} detail={detail} clockAheadMs={clockAheadMs} />
    </article>
  );
}

interface SectionsProps {
  readonly detail: DeliveryDetail;
  readonly clockAheadMs: number;
}

function Sections({ detail, clockAheadMs }: SectionsProps): VNode {
  const { delivery, claims, hints, ladder } = detail;
  const latest = delivery.attempts.at(-1);
  return (
    <>
      <Attempts delivery={delivery} hints={hints} />
      <Ladder delivery={delivery} ladder={ladder} clockAheadMs={clockAheadMs} />
      <section>
        <h3>
          Claims{" "}
          {claims !== null && (
            <CopyButton text={() => JSON.stringify(claims, undefined, 2)} what="the claims" />
          )}
        </h3>
        {claims === null ? (
          <p class="muted">None: its body is no token.</p>
        ) : (
          <ClaimsTree claims={claims} label="Claims" />
        )}
      </section>
      <Verification detail={detail} />
      <Token delivery={delivery} />
      {latest !== undefined && (
        <section>
          <h3>Request headers</h3>
          <p class="mono">
            {latest.request.method} {latest.request.url}
          </p>
          <Headers of={latest.request.headers} />
        </section>
      )}
    </>
  );
}

interface LoadErrorProps {
  readonly error: ApiError;
  readonly isReadOnly: boolean;
  readonly onRetry: () => void;
}

function LoadError({ error, isReadOnly, onRetry }: LoadErrorProps): VNode {
  const isGone = error.code === "ERR_UNKNOWN_DELIVERY";
  return (
    <div class="note" role="alert">
      <p>
        {isReadOnly && !isGone
          ? "Its claims, token, headers and attempts can't be asked for any more: the process that this page belongs to has ended. Open the URL that the next one prints: it shows all that the history has of it."
          : error.message}{" "}
        <code>{error.code}</code>
      </p>
      {!isGone && !isReadOnly && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

function titleOf({ code }: ApiError): string {
  return code === "ERR_UNKNOWN_DELIVERY" ? "This delivery is gone" : "It could not be loaded";
}
