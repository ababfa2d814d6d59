import { ColorInput, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../hooks/format';
import { usePeople } from '../hooks/people';
import type { Field } from './entity';
import { MergeTextarea } from './MergeTextarea';
import { ReferenceInput } from './ReferenceInput';

interface Properties {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  error?: string | undefined;
  disabled?: boolean;
  autoFocus?: boolean;
}

/** The input for one field of a record. Empty means null; money goes in and out in minor units. */
export function FieldInput({ field, value, onChange, error, disabled, autoFocus }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const { people } = usePeople();
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
        return (
          <MergeTextarea {...shared} value={text} autosize minRows={6} maxRows={14} onChange={fromText} />
        );
      }
      return (
        <Textarea
          {...shared}
          value={text}
          autosize
          minRows={3}
          maxRows={14}
          onChange={(e) => fromText(e.target.value)}
        />
      );
    case 'number':
    case 'percent':
      return (
        <NumberInput
          {...shared}
          value={text}
          suffix={field.kind === 'percent' ? ' %' : ''}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
        />
      );
    case 'money':
      return (
        <NumberInput
          {...shared}
          value={value === null || value === undefined ? '' : Number(value) / format.scale}
          decimalScale={Math.round(Math.log10(format.scale))}
          fixedDecimalScale
          thousandSeparator=","
          rightSection={<small style={{ paddingInlineEnd: 8 }}>{format.currency}</small>}
          rightSectionWidth={52}
          hideControls
          onChange={(next) => onChange(next === '' ? null : Math.round(Number(next) * format.scale))}
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
          value={text ? localMinutes(text) : ''}
          onChange={(e) => fromText(e.target.value && new Date(e.target.value).toISOString())}
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
          allowDeselect={!field.required}
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
          data={people.map((person) => ({ value: person.id, label: person.displayName }))}
          onChange={onChange}
        />
      );
    case 'reference':
      return field.reference ? (
        <ReferenceInput {...shared} reference={field.reference} value={text || null} onChange={onChange} />
      ) : null;
    default:
      return (
        <TextInput
          {...shared}
          type={field.kind === 'email' ? 'email' : field.kind === 'phone' ? 'tel' : 'text'}
          value={text}
          onChange={(e) => fromText(e.target.value)}
        />
      );
  }
}

/** An instant as `datetime-local` wants it, in this machine's zone. */
function localMinutes(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
