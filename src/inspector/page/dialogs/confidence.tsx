import type { VNode } from "preact";

const words: Readonly<Record<string, string>> = {
  captured: "captured",
  typed: "typed",
  unverified: "our guess",
};

const explanations: Readonly<Record<string, string>> = {
  captured: "The shape of this data was captured from a real token of Kinde's.",
  typed: "The shape of this data is that of Kinde's own package; no real token of it was seen.",
  unverified:
    "No official source describes this data: its shape is our guess. Don't build upon the names of its members.",
};

/** How sure the shape of a sample is, in a word. */
export function Confidence({ of }: { readonly of: string }): VNode {
  return (
    <span class="confidence" data-confidence={of}>
      {words[of] ?? of}
    </span>
  );
}

/** The same, said in full. */
export function explainConfidence(confidence: string): string {
  return explanations[confidence] ?? `How sure the shape of this data is: ${confidence}.`;
}
