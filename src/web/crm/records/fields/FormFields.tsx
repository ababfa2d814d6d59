import { Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Field, sectionsOf } from '../entity';
import { FieldInput } from './FieldInput';

interface Properties {
  fields: readonly Field[];
  /** Whether fields of less use are folded away. */
  folds: boolean;
  /** Whether the form opens with a value that the user gave: such a field is not folded away. */
  isSet: (name: string) => boolean;
  currentOf: (name: string) => unknown;
  errors: Readonly<Record<string, string>>;
  onChange: (name: string, value: unknown) => void;
}

/** The inputs of a form: what a person knows when they fill it in; everything else under “More details”. */
export function FormFields({ fields, folds, isSet, currentOf, errors, onChange }: Properties) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  // Decided once, so that no input moves while the user types.
  const [folded] = useState(
    () =>
      new Set(fields.filter((field) => folds && field.more && !isSet(field.name)).map(({ name }) => name)),
  );
  const values = Object.fromEntries(fields.map(({ name }) => [name, currentOf(name)]));
  const fitting = fields.filter((field) => field.when?.(values) ?? true);
  // A field that belongs to the state just chosen is shown at once.
  const isFolded = (field: Field) => folded.has(field.name) && !field.when;
  const more = fitting.filter(isFolded);
  const shows = isOpen || more.some(({ name }) => errors[name]);
  const grid = (members: readonly Field[], focusFirst: boolean) => (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="sm">
      {members.map((field, index) => (
        <div key={field.name} style={isWide(field) ? { gridColumn: '1 / -1' } : undefined}>
          <FieldInput
            field={field}
            value={currentOf(field.name)}
            currency={currentOf('currency')}
            error={errors[field.name]}
            autoFocus={focusFirst && index === 0}
            onChange={(value) => onChange(field.name, value)}
          />
        </div>
      ))}
    </SimpleGrid>
  );
  const sections = (members: readonly Field[], focusFirst: boolean) =>
    sectionsOf(members).map(([section, of], index) => (
      <div key={section}>
        {section && (
          <Text fw={620} size="sm" mb="xs">
            {t(`section.${section}`)}
          </Text>
        )}
        {grid(of, focusFirst && index === 0)}
      </div>
    ));
  const first = fitting.filter((field) => !isFolded(field));
  return (
    <Stack gap="lg">
      {folds ? grid(first, true) : sections(first, true)}
      {more.length > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: 'flex-start' }}
          rightSection={shows ? <ChevronUp size={15} aria-hidden /> : <ChevronDown size={15} aria-hidden />}
          aria-expanded={shows}
          onClick={() => setOpen(!isOpen)}
        >
          {t('form.more')}
        </Button>
      )}
      {shows && sections(more, false)}
    </Stack>
  );
}

function isWide(field: Field): boolean {
  return field.wide ?? field.kind === 'multiline';
}
