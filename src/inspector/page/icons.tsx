/** Small drawings beside words; the words say the same. */
import type { VNode } from "preact";

const paths = {
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4 12 12M12 4 4 12",
  dots: "M3 8h.01M8 8h.01M13 8h.01",
  relayed: "M2 8h3M7 8h6M9.5 4.5 13 8l-3.5 3.5",
  emitted: "M5 3.5 12 8 5 12.5Z",
  replayed: "M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  warning: "M8 2.5 14.5 13.5H1.5ZM8 6.5v3M8 11.5h.01",
  pause: "M5.5 4v8M10.5 4v8",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14",
  back: "M13 8H3.5M7.5 4l-4 4 4 4",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): VNode {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
