import i18next from 'i18next';

/** Each merge field without a value, and where it is filled in: `Venue (on the date of the event or opportunity)`. */
export function missingWords(fields: readonly string[]): string[] {
  const { t } = i18next;
  return fields.map((field) => {
    const place = t(`mergeFields.where.${placeOf(field)}`, { defaultValue: '' });
    return [t(`mergeFields.${field.replace('.', '_')}`), place && `(${place})`].filter(Boolean).join(' ');
  });
}

/** A date has its time and venue. */
function placeOf(field: string): string | undefined {
  return /^event\.(date|start_time|end_time|location)$/.test(field) ? 'date' : field.split('.')[0];
}
