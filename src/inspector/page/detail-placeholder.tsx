import type { VNode } from "preact";
import type { DetailProps } from "./pane-props.ts";

/** Stands where a delivery is shown. */
export function Detail({ id, onClose }: DetailProps): VNode {
  return (
    <article>
      <h2>{id}</h2>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </article>
  );
}
