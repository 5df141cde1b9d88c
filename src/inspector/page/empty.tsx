import type { ComponentChildren, VNode } from "preact";
import type { Status } from "../protocol.ts";
import { CopyButton } from "./copy-button.tsx";
import type { ApiError } from "./api-error.ts";
import { Refused } from "./refused.tsx";

const firstEmit = "npx kinde-devhook emit user.created";

/** Where nothing has happened yet: how something does. */
export function EmptyList(props: {
  readonly status: Status | undefined;
  readonly isReadOnly: boolean;
  readonly onEmit: () => void;
}): VNode {
  const { status, isReadOnly, onEmit } = props;
  const endpoint = status?.tunnel?.endpoint;
  return (
    <Empty title="No event yet">
      {status?.refused && <Refused refused={status.refused} realIssuer={status.realIssuer} />}
      <p>Each webhook appears here as it comes. To see the first one now, emit it:</p>
      <p class="command">
        <code>{firstEmit}</code>
        <CopyButton text={firstEmit} what="the command" />
      </p>
      <p>
        <button type="button" class="primary" disabled={isReadOnly} onClick={onEmit}>
          Emit an event from here
        </button>
      </p>
      {endpoint !== undefined && status?.realIssuer === null && (
        <p class="wait">
          The tunnel does not know which Kinde is yours. Tell it once:{" "}
          <code>--issuer https://acme.kinde.com</code>
        </p>
      )}
      {endpoint !== undefined && (
        <>
          <p class="muted">For Kinde's own, paste this into Kinde: Settings, Webhooks, Endpoint URL.</p>
          <p class="command">
            <code>{endpoint}</code>
            <CopyButton text={endpoint} what="the endpoint for Kinde" />
          </p>
        </>
      )}
    </Empty>
  );
}

export function NoMatch({ onShowAll }: { readonly onShowAll: () => void }): VNode {
  return (
    <Empty title="Nothing matches">
      <p>No delivery is like that.</p>
      <p>
        <button type="button" onClick={onShowAll}>
          Show all
        </button>
      </p>
    </Empty>
  );
}

/** Without a token nothing can be shown. */
export function NoAccess({ refusal }: { readonly refusal: ApiError | null }): VNode {
  return (
    <Empty title="Open this page from the terminal">
      {refusal !== null && (
        <p class="bad">
          This URL was not taken: it was opened before, or an earlier run printed it. ({refusal.code})
        </p>
      )}
      <p>
        The page needs the URL that <code>kinde-devhook tunnel</code> or <code>mock</code> prints when it
        starts. It holds a ticket, so that nobody but you gets in.
      </p>
      <p>
        Press <kbd>o</kbd> in that terminal, or open the URL there, which looks like this:
      </p>
      <p class="command">
        <code>{`${location.origin}${location.pathname}#t=…`}</code>
      </p>
    </Empty>
  );
}

/** Beside the list, as long as no delivery is opened. */
export function NothingOpen(): VNode {
  return (
    <div class="empty is-quiet">
      <p>Open a delivery to see its claims, headers and attempts.</p>
      <p>
        <kbd>j</kbd> <kbd>k</kbd> to move, <kbd>Enter</kbd> to open, <kbd>?</kbd> for all keys
      </p>
    </div>
  );
}

function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }): VNode {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
