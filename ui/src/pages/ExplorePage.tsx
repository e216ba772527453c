import { Page } from "../components/Page";
import { Loading } from "../components/States";

export default function ExplorePage(_: { kind?: string }) {
  return (
    <Page title="Explore">
      <Loading />
    </Page>
  );
}
