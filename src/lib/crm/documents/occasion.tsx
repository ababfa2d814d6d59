import { View } from '@react-pdf/renderer';
import { linesOf } from './dates-and-times';
import type { Occasion } from './model';
import { PartyBlock, Written } from './theme';

/** What an order is for: its name, and each date with its hours and place. */
export function OccasionBlock({
  label,
  occasion,
  locale,
}: {
  label: string;
  occasion: Occasion;
  locale: string;
}) {
  const [first, ...others] = occasion.dates;
  return (
    <View>
      <PartyBlock
        label={label}
        party={{ name: occasion.title, lines: first ? linesOf(first, locale) : [] }}
      />
      {others.map((date, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: dates are printed once, in their order
        <View key={index} style={{ marginTop: 4, paddingRight: 12 }}>
          <Written style={{ color: '#5b6270' }} text={linesOf(date, locale).join('\n')} />
        </View>
      ))}
    </View>
  );
}
