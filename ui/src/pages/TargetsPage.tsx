import { Page } from "../components/Page";
import { Loading } from "../components/States";

export default function TargetsPage(_: { kind?: string }) {
  return (
    <Page title="Targets">
      <Loading />
    </Page>
  );
}
