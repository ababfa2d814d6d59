import { useSetup } from '../../hooks/company/setup';
import { SampleData } from './SampleData';

/** Says, above figures, that they count sample data. Nothing where there are none. */
export function SampleNotice() {
  const samples = useSetup()?.samples ?? 0;
  return samples > 0 && <SampleData samples={samples} offers={false} />;
}
