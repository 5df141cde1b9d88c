import type { VNode } from "preact";
import type { DeliveryDetail } from "../../protocol.ts";
import { unverifiedReasons } from "./verification-words.ts";
import { visibleText } from "../visible-text.ts";

/** Whose key signed it, or why nobody can say. */
export function Verification({ detail }: { readonly detail: DeliveryDetail }): VNode {
  const { signer, delivery } = detail;
  const { verification } = delivery;
  if (verification.status === "unverified") {
    return (
      <section>
        <h3>Verification</h3>
        <p>
          <strong class="bad">Not verified.</strong> {unverifiedReasons[verification.reason]}{" "}
          <code>{verification.reason}</code>
        </p>
      </section>
    );
  }
  return (
    <section>
      <h3>Verification</h3>
      <p>
        <strong class="good">Verified.</strong> {signers[signer ?? "unknown"]}
      </p>
      <dl class="pairs">
        <div>
          <dt>Key id</dt>
          <dd class="mono">{visibleText(verification.kid)}</dd>
        </div>
        <div>
          <dt>Issuer</dt>
          <dd class="mono">{visibleText(verification.issuer)}</dd>
        </div>
      </dl>
    </section>
  );
}

const signers = {
  kinde: "Kinde's own key signed it.",
  local: "This project's key signed it: it was made here, not by Kinde.",
  unknown: "The signature was right when it came; whose key it is can't be told any more.",
};
