import { ColorInput, Select, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { roundMoney } from '@/lib/money';
import { usePeople } from '../../../hooks/company/people';
import { clockIn, momentAt } from '../../../hooks/dates/zones';
import { formatOf, useFormat } from '../../../hooks/format';
import { NumberField } from '../../../ui/NumberField';
import type { Field } from '../entity';
import { ListedInput } from './ListedInput';
import { LONGEST_TEXT, LongText, usePasteLimit } from './LongText';
import { MergeTextarea } from './MergeTextarea';
import { PhoneInput } from './PhoneNumber';
import { ReferenceInput } from './ReferenceInput';

/** Maximum length, characters. Single-line values must fit into a database index. */
export function longestOf({ kind }: Field): number {
  return kind === 'multiline' || kind === 'lines' ? LONGEST_TEXT : 1000;
}

interface Properties {
  field: Field;
  value: unknown;
  /** Of the record; the company's where it has none. */
  currency?: unknown;
  onChange: (value: unknown) => void;
  error?: string | undefined;
  disabled?: boolean;
  autoFocus?: boolean;
}

/** Input for one field of a record. An empty input is null; amounts are in minor units. */
export function FieldInput({ field, value, currency, onChange, error, disabled, autoFocus }: Properties) {
  const { t } = useTranslation();
  const format = formatOf(useFormat(), { currency });
  const { people } = usePeople();
  const pasting = usePasteLimit(longestOf(field));
  const shared = {
    label: t(`field.${field.name}`, field.name),
    description: field.help ? t(`help.${field.help}`) : undefined,
    error,
    disabled: disabled ?? false,
    required: field.required ?? false,
    'data-autofocus': autoFocus || undefined,
  };
  const text = value === null || value === undefined ? '' : String(value);
  const fromText = (next: string) => onChange(next === '' ? null : next);
  switch (field.kind) {
    case 'multiline':
      if (field.mergeFields) {
        return <MergeTextarea {...shared} value={text} minRows={6} onChange={fromText} />;
      }
      return <LongText {...shared} value={text} onChange={(e) => fromText(e.target.value)} />;
    case 'lines': {
      const lines = Array.isArray(value) ? value.join('\n') : '';
      return (
        <LongText
          {...shared}
          value={lines}
          onChange={(e) => onChange(e.target.value === '' ? [] : e.target.value.split('\n'))}
        />
      );
    }
    case 'number':
    case 'percent':
      return (
        <NumberField
          {...shared}
          value={text}
          suffix={field.kind === 'percent' ? '%' : ''}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
        />
      );
    case 'money':
      return (
        <NumberField
          {...shared}
          value={value === null || value === undefined ? '' : Number(value) / format.scale}
          decimalScale={format.digits}
          fixedDecimalScale
          rightSection={<small style={{ paddingInlineEnd: 8 }}>{format.currency}</small>}
          rightSectionWidth={52}
          hideControls
          onChange={(next) => onChange(next === '' ? null : roundMoney(next, 'half_up', format.scale))}
        />
      );
    case 'date':
      return (
        <TextInput
          {...shared}
          type="date"
          value={text.slice(0, 10)}
          onChange={(e) => fromText(e.target.value)}
        />
      );
    case 'time':
      return (
        <TextInput
          {...shared}
          type="time"
          value={text.slice(0, 5)}
          onChange={(e) => fromText(e.target.value)}
        />
      );
    case 'timestamp':
      return (
        <TextInput
          {...shared}
          type="datetime-local"
          value={text ? clockIn(format.timezone, new Date(text)).slice(0, 16) : ''}
          onChange={(e) =>
            fromText(e.target.value && momentAt(format.timezone, e.target.value).toISOString())
          }
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          value={text || null}
          data={(field.choices ?? []).map((choice) => ({
            value: choice,
            label: t(`option.${choice}`, choice),
          }))}
          clearable={!field.required}
          onChange={onChange}
        />
      );
    case 'flag':
      return (
        <Switch
          label={shared.label}
          description={shared.description}
          checked={value === true}
          disabled={shared.disabled}
          onChange={(e) => onChange(e.target.checked)}
          mt={28}
        />
      );
    case 'color':
      return <ColorInput withEyeDropper={false} {...shared} value={text} onChange={fromText} />;
    case 'person':
      return (
        <Select
          {...shared}
          searchable
          clearable={!field.required}
          value={text || null}
          data={people
            .filter(({ id, status }) => status !== 'disabled' || id === value)
            .map((person) => ({ value: person.id, label: person.displayName }))}
          onChange={onChange}
        />
      );
    case 'reference':
      return field.reference ? (
        <ReferenceInput {...shared} reference={field.reference} value={text || null} onChange={onChange} />
      ) : null;
    case 'listed':
      return field.setting ? (
        <ListedInput {...shared} setting={field.setting} value={text || null} onChange={onChange} />
      ) : null;
    case 'zone':
      return (
        <Select
          {...shared}
          searchable
          clearable={!field.required}
          placeholder={format.timezone}
          value={text || null}
          data={Intl.supportedValuesOf('timeZone')}
          onChange={onChange}
        />
      );
    case 'phone':
      return <PhoneInput {...shared} onPaste={pasting.onPaste} value={text} onChange={onChange} />;
    default:
      return (
        <TextInput
          {...shared}
          error={error ?? pasting.error}
          onPaste={pasting.onPaste}
          type={field.kind === 'email' ? 'email' : 'text'}
          value={text}
          onChange={(e) => fromText(e.target.value)}
        />
      );
  }
}
