/** The inspector's page: begins it. */
import { render } from "preact";
import { App } from "./app.tsx";
import { openInspector } from "./inspector.ts";

const inspector = openInspector(new URL(".", location.href));
render(<App inspector={inspector} />, document.body);
