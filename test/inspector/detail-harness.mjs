/** In the browser: the pane of one delivery and the dialog that emits, without the list around them. */
import { h, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { createApi } from "../../src/inspector/page/api.ts";
import { Detail } from "../../src/inspector/page/detail/detail.tsx";
import { EmitDialog } from "../../src/inspector/page/dialogs/emit-dialog.tsx";

const api = createApi(new URL("./", location.href), () => null);

function Page() {
  const [id, setId] = useState(location.hash.slice(1));
  const [isEmitting, setIsEmitting] = useState(false);
  const [change, setChange] = useState(0);
  const [isReadOnly, setIsReadOnly] = useState(false);
  const [status, setStatus] = useState();
  useEffect(() => {
    void api.status().then(setStatus);
    addEventListener("hashchange", () => setId(location.hash.slice(1)));
    addEventListener("test-change", () => setChange((count) => count + 1));
    addEventListener("test-read-only", () => setIsReadOnly(true));
  }, []);
  const clockAheadMs = typeof status?.now !== "string" ? 0 : Date.parse(status.now) - Date.now();
  const shared = { api, status, isReadOnly, onOpen: (next) => (location.hash = next) };
  return h("div", { class: "page" }, [
    h("header", {}, [
      h("h1", {}, "kinde-devhook"),
      h("button", { type: "button", onClick: () => setIsEmitting(true) }, "Emit an event"),
    ]),
    h(
      "main",
      { class: "pane pane-detail", tabIndex: -1 },
      id !== "" &&
        h(Detail, { key: id, id, change, clockAheadMs, onClose: () => (location.hash = ""), ...shared }),
    ),
    isEmitting && h(EmitDialog, { onClose: () => setIsEmitting(false), ...shared }),
  ]);
}

render(h(Page), document.body);
