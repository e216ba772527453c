import { Page } from "../components/Page";
import { Loading } from "../components/States";

export default function AlertsPage(_: { kind?: string }) {
  return (
    <Page title="Alerts">
      <Loading />
    </Page>
  );
}
