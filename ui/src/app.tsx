/** The shell: navigation on the left, the page of the address beside it. */

import { useState } from "preact/hooks";
import { Dialog } from "./components/Dialog";
import { Icon, type IconName } from "./components/Icon";
import { lazy } from "./components/lazy";
import { Page } from "./components/Page";
import { Empty } from "./components/States";
import { useHotkeys } from "./components/useHotkeys";
import { DashboardPage } from "./pages/DashboardPage";
import { DashboardsPage } from "./pages/DashboardsPage";
import { HomePage } from "./pages/HomePage";
import { navigate, path } from "./router";
import { chooseTheme, theme, themeChoice, type ThemeChoice } from "./theme";

const ExplorePage = lazy<{ kind: "metrics" | "logs" }>(() => import("./pages/ExplorePage"));
const AlertsPage = lazy(() => import("./pages/AlertsPage"));
const TargetsPage = lazy(() => import("./pages/TargetsPage"));

const PLACES: { href: string; name: string; icon: IconName; key: string }[] = [
  { href: "/", name: "Home", icon: "home", key: "h" },
  { href: "/dashboards", name: "Dashboards", icon: "dashboards", key: "d" },
  { href: "/explore/metrics", name: "Explore", icon: "explore", key: "e" },
  { href: "/alerting", name: "Alerts", icon: "alerts", key: "a" },
  { href: "/targets", name: "Targets", icon: "targets", key: "t" },
];

export function App() {
  const [help, setHelp] = useState(false);
  useHotkeys({
    ...Object.fromEntries(PLACES.map((place) => [`g ${place.key}`, () => navigate(place.href)])),
    "?": () => setHelp(true),
    T: () => chooseTheme(theme.peek() === "dark" ? "light" : "dark"),
  });
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <nav class="nav" aria-label="Main">
        <a class="brand" href="/" aria-label="Vedette, home">
          <Mark />
          <span>Vedette</span>
        </a>
        {PLACES.map((place) => (
          <a key={place.href} class="nav-link" href={place.href} aria-current={isHere(place.href, path.value) ? "page" : undefined} title={`${place.name} (g ${place.key})`}>
            <Icon name={place.icon} size={18} />
            <span>{place.name}</span>
          </a>
        ))}
        <span class="spacer" />
        <ThemeButton />
        <button type="button" class="nav-link is-quiet" title="Keyboard shortcuts (?)" onClick={() => setHelp(true)}>
          <Icon name="keyboard" size={18} />
          <span>Shortcuts</span>
        </button>
      </nav>
      <main class="main" id="main" tabIndex={-1}>
        <CurrentPage />
      </main>
      {help && <Shortcuts onClose={() => setHelp(false)} />}
    </>
  );
}

function isHere(href: string, current: string): boolean {
  if (href === "/") return current === "/";
  if (href === "/dashboards") return current === href || current.startsWith("/d/");
  return current.startsWith(`/${href.split("/")[1]}`);
}

function CurrentPage() {
  const [, first = "", second = ""] = path.value.split("/");
  switch (first) {
    case "":
      return <HomePage />;
    case "d":
      return <DashboardPage uid={decodeURIComponent(second)} />;
    case "dashboards":
      return <DashboardsPage />;
    case "explore":
      return <ExplorePage kind={second === "logs" ? "logs" : "metrics"} />;
    case "alerting":
      return <AlertsPage />;
    case "targets":
      return <TargetsPage />;
    default:
      return (
        <Page title="Not found">
          <Empty icon="search" title="There is no page at this address">
            <a href="/">Go home</a>
          </Empty>
        </Page>
      );
  }
}

const NEXT: Record<ThemeChoice, ThemeChoice> = { system: "light", light: "dark", dark: "system" };
const THEME_ICON: Record<ThemeChoice, IconName> = { system: "system", light: "sun", dark: "moon" };
const THEME_NAME: Record<ThemeChoice, string> = { system: "System theme", light: "Light theme", dark: "Dark theme" };

function ThemeButton() {
  const choice = themeChoice.value;
  return (
    <button type="button" class="nav-link is-quiet" title={`${THEME_NAME[choice]}: click for the next (T)`} onClick={() => chooseTheme(NEXT[choice])}>
      <Icon name={THEME_ICON[choice]} size={18} />
      <span>{THEME_NAME[choice]}</span>
    </button>
  );
}

function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path d="M7 9.5 14.2 24h3.6L25 9.5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" />
      <circle cx="16" cy="9.6" r="2.6" fill="#ffd166" />
    </svg>
  );
}

const KEYS: [string, string][] = [
  ["g h", "Home"],
  ["g d", "Dashboards"],
  ["g e", "Explore"],
  ["g a", "Alerts"],
  ["g t", "Targets"],
  ["r", "Refresh the dashboard"],
  ["z", "Zoom out"],
  ["Esc", "Leave a field, a panel shown alone, or what is open"],
  ["Shift Enter", "Run the query in Explore"],
  ["T", "Light or dark"],
  ["?", "This list"],
];

function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
