import type { VNode } from "preact";

export interface EndpointFieldProps {
  readonly value: string;
  /** Where it goes when nothing is said. */
  readonly placeholder: string;
  readonly onInput: (value: string) => void;
  /** By Enter, where no form does it. */
  readonly onSend?: () => void;
}

/** The URL to deliver to, where that is not the usual one. */
export function EndpointField({ value, placeholder, onInput, onSend }: EndpointFieldProps): VNode {
  return (
    <label class="field">
      <span>To</span>
      <input
        type="text"
        inputMode="url"
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.isComposing && !event.repeat) onSend?.();
        }}
      />
    </label>
  );
}
