import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../hooks/records/records';
import type { Row } from '../../hooks/request/query';

type Template = Pick<Row<'templates'>, 'id' | 'name' | 'subject' | 'content'>;

interface Properties {
  type: 'contract' | 'email';
  placeholder: string;
  value: string | null;
  onChange: (template: Template | undefined) => void;
}

/** Selects one of the tenant's templates. */
export function TemplateInput({ type, placeholder, value, onChange }: Properties) {
  const { t } = useTranslation();
  const templates = useRecords<'templates', Template>('templates', {
    select: 'id,name,subject,content',
    filters: [
      ['type', 'eq', type],
      ['is_active', 'is', true],
    ],
    order: [['name', 'asc']],
  });
  return (
    <Select
      label={t('kind.template')}
      placeholder={placeholder}
      clearable
      value={value}
      data={(templates.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      nothingFoundMessage={t('nothingFound')}
      onChange={(id) => onChange(templates.data?.find((template) => template.id === id))}
    />
  );
}
