import { Anchor, Avatar, ColorSwatch, Group, Text } from '@mantine/core';
import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../hooks/format';
import { usePeople } from '../hooks/people';
import { type AnyRow, aliasOf, type Field, labelOf } from './entity';
import { LinkTo } from './LinkTo';
import { StatusBadge } from './StatusBadge';

interface Properties {
  field: Field;
  row: AnyRow;
  /** Addresses become links; not inside something that is one already. */
  links?: boolean;
}

/** One value of a record, as people read it. */
export function FieldValue({ field, row, links = true }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const value = row[field.name];
  if (value === null || value === undefined || value === '') return null;
  const text = String(value);
  switch (field.kind) {
    case 'money':
      return <span className="numeric">{format.money(Number(value))}</span>;
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
      return <StatusBadge value={text} />;
    case 'flag':
      return value ? <Check size={16} aria-label={t('yes')} /> : null;
    case 'color':
      return <ColorSwatch color={text} size={16} aria-label={text} />;
    case 'person':
      return <Person id={text} />;
    case 'reference': {
      if (!field.reference) return null;
      const label = labelOf(row[aliasOf(field)], field.reference);
      if (!label) return null;
      if (!links || !field.reference.path) return label;
      return (
        <LinkTo to={`${field.reference.path}/${text}`} inherit>
          {label}
        </LinkTo>
      );
    }
    case 'email':
      return links ? (
        <Anchor href={`mailto:${text}`} inherit>
          {text}
        </Anchor>
      ) : (
        text
      );
    case 'phone':
      return links ? (
        <Anchor href={`tel:${text}`} inherit>
          {text}
        </Anchor>
      ) : (
        text
      );
    case 'url':
      return links ? (
        <Anchor
          href={/^https?:/.test(text) ? text : `https://${text}`}
          target="_blank"
          rel="noreferrer"
          inherit
        >
          {text}
        </Anchor>
      ) : (
        text
      );
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

/** Its own component: of a row's cells only this one asks who works here. */
function Person({ id }: { id: string }) {
  const { nameOf } = usePeople();
  return <PersonName name={nameOf(id)} />;
}

/** Someone of the company, with initials. */
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
