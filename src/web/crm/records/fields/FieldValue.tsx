import { Avatar, ColorSwatch, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { usePeople } from '../../../hooks/company/people';
import { type Format, formatOf, useFormat } from '../../../hooks/format';
import { useWords } from '../../../i18n/use-words';
import { StatusBadge } from '../../../ui/StatusBadge';
import { type AnyRow, aliasOf, type Field, labelOf } from '../entity';
import { DealDayMark, LeadDay } from './DayState';
import { PhoneNumber } from './PhoneNumber';
import { StageBadge } from './StageBadge';

interface Properties {
  field: Field;
  row: AnyRow;
  /** Renders web, email and phone addresses as links. Disable it inside another link. */
  links?: boolean;
}

/** A formatted field value. */
export function FieldValue({ field, row, links = true }: Properties): ReactNode {
  const { t } = useWords();
  return showValue(field, row, { t, format: useFormat(), links });
}

/** Like `FieldValue`, but a plain function: list rows fetch translations and formatters once for all of their cells. */
export function showValue(
  field: Field,
  row: AnyRow,
  means: { t: TFunction; format: Format; links: boolean },
): ReactNode {
  const value = row[field.name];
  if (value === null || value === undefined || value === '') return null;
  const shown = showPlain(field, row, means);
  // Before a name, which may be too long for its column.
  if (field.day === 'deal')
    return (
      <>
        <DealDayMark opportunityId={String(value)} /> {shown}
      </>
    );
  if (field.day === 'lead')
    return (
      <>
        {shown} <LeadDay day={String(value)} />
      </>
    );
  return shown;
}

function showPlain(
  field: Field,
  row: AnyRow,
  { t, format, links }: { t: TFunction; format: Format; links: boolean },
): ReactNode {
  const value = row[field.name];
  const text = String(value);
  switch (field.kind) {
    case 'money':
      return <span className="numeric">{formatOf(format, row).money(Number(value))}</span>;
    case 'number':
      return <span className="numeric">{format.number(Number(value))}</span>;
    case 'percent':
      return <span className="numeric">{format.number(Number(value))} %</span>;
    case 'date':
      return format.date(text);
    case 'timestamp':
      return format.moment(text);
    case 'time':
      return format.clock(text);
    case 'choice':
      if (!Array.isArray(value)) return <StatusBadge value={text} />;
      return value.length === 0 ? null : value.map((one) => <StatusBadge key={one} value={String(one)} />);
    case 'stage':
      return <StageBadge stage={text} />;
    case 'flag':
      return value ? <Check size={16} aria-label={t('yes')} /> : null;
    case 'color':
      return <ColorSwatch color={text} size={16} role="img" aria-label={text} />;
    case 'person':
      return <Person id={text} />;
    case 'reference': {
      if (!field.reference) return null;
      const label = labelOf(row[aliasOf(field)], field.reference);
      if (!label) return null;
      if (!links || !field.reference.path) return label;
      return (
        <Link to={`${field.reference.path}/${text}` as '/'} className="link">
          {label}
        </Link>
      );
    }
    case 'email':
      return links ? (
        <a className="link" href={`mailto:${text}`}>
          {text}
        </a>
      ) : (
        text
      );
    case 'phone':
      return <PhoneNumber text={text} link={links} />;
    case 'url':
      return links ? (
        <a
          className="link"
          href={/^https?:/.test(text) ? text : `https://${text}`}
          target="_blank"
          rel="noreferrer"
        >
          {text}
        </a>
      ) : (
        text
      );
    case 'lines':
      return Array.isArray(value) ? value.join(', ') : null;
    case 'multiline':
      return (
        <Text component="span" inherit style={{ whiteSpace: 'pre-wrap' }}>
          {text}
        </Text>
      );
    default:
      return text;
  }
}

/** A separate component, so that only person cells subscribe to the list of users. */
function Person({ id }: { id: string }) {
  const { nameOf } = usePeople();
  return <PersonName name={nameOf(id)} />;
}

/** A user's name with initials. */
export function PersonName({ name }: { name: string }) {
  if (!name) return null;
  return (
    <Group gap={8} wrap="nowrap" component="span">
      <Avatar name={name} size={22} radius="xl" color="initials" aria-hidden />
      <Text component="span" inherit truncate>
        {name}
      </Text>
    </Group>
  );
}
