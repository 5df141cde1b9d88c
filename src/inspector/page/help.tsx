import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

const keys = [
  ["j", "k", "To the next, the previous delivery"],
  ["Enter", "Open it"],
  ["Esc", "Close it"],
  ["/", "Search"],
  ["r", "Replay it: the same bytes once more"],
  ["e", "Emit an event"],
  ["?", "This"],
] as const;

/** The keys of the page. */
export function Help({ onClose }: { readonly onClose: () => void }): VNode {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current!.showModal(), []);
  return (
    <dialog ref={ref} class="dialog help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {keys.map((line) => (
          <div key={line[0]}>
            <dt>
              {line.slice(0, -1).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{line.at(-1)}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
