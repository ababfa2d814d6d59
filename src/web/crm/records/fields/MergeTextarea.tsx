import { Button, Menu, type TextareaProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Braces } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../../hooks/session/session';
import { LongText } from './LongText';

interface Properties extends Omit<TextareaProps, 'value' | 'onChange'> {
  value: string;
  onChange: (text: string) => void;
}

/** A textarea with merge fields. A menu inserts `{{contact.first_name}}`, for example, at the cursor. */
export function MergeTextarea({ value, onChange, ...shown }: Properties) {
  const { t } = useTranslation();
  const box = useRef<HTMLTextAreaElement>(null);
  const { data } = useQuery({
    queryKey: ['merge-fields'],
    queryFn: () => ask<{ fields: Record<string, string> }>('/api/settings/merge-fields'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const insert = (field: string) => {
    const [from, to] = [
      box.current?.selectionStart ?? value.length,
      box.current?.selectionEnd ?? value.length,
    ];
    const written = `{{${field}}}`;
    onChange(value.slice(0, from) + written + value.slice(to));
    // Wait until the menu has returned the focus.
    setTimeout(() => {
      box.current?.focus();
      box.current?.setSelectionRange(from + written.length, from + written.length);
    });
  };
  return (
    <div>
      <LongText ref={box} {...shown} value={value} onChange={({ target }) => onChange(target.value)} />
      <Menu shadow="md" position="bottom-start" returnFocus={false}>
        <Menu.Target>
          <Button
            mt={6}
            variant="default"
            size="compact-sm"
            leftSection={<Braces size={14} />}
            disabled={shown.disabled}
          >
            {t('mergeFields.insert')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={300} style={{ overflowY: 'auto' }}>
          {[...Map.groupBy(Object.keys(data?.fields ?? {}), groupOf)].map(([group, fields]) => (
            <div key={group}>
              <Menu.Label>{t(`mergeFields.of.${group}`)}</Menu.Label>
              {fields.map((field) => (
                <Menu.Item key={field} onClick={() => insert(field)}>
                  {t(`mergeFields.${field.replace('.', '_')}`)}
                </Menu.Item>
              ))}
            </div>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

/** `contact` for `contact.first_name` */
function groupOf(field: string): string {
  return field.split('.')[0] ?? field;
}
