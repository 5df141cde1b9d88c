/** The inspector's page: begins it. */
import { render } from "preact";

render(<h1>kinde-devhook</h1>, document.body);
