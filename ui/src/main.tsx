import "@fontsource-variable/inter/index.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/components.css";
import "./styles/dashboard.css";
import "./styles/panels.css";
import "./styles/logs.css";
import "./styles/explore.css";
import "./styles/inspector.css";
import "./styles/pages.css";
import { render } from "preact";
import { App } from "./app";
import { startRouter } from "./router";
import "./theme";

startRouter();
render(<App />, document.getElementById("app")!);
