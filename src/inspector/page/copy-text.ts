/**
 * Puts a text on the clipboard.
 * @param beside where a field may stand for a moment: behind an open dialog none can be selected
 * @returns whether it is there
 */
export async function copyText(text: string, beside: Element): Promise<boolean> {
  try {
    // Absent where the page is not secure, and refused where the user says so.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, beside);
  }
}

function copyBySelection(text: string, beside: Element): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "unseen";
  beside.append(field);
  field.select();
  // Deprecated, and the only way there is.
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
