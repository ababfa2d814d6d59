import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InquiryForm } from '@/lib/crm/inquiries';
import { readSetting } from '@/lib/crm/settings';
import { confirmationMail } from '@/server/booking/visitor-mail';

test('a visitor is asked to reply only where a reply reaches the company', () => {
  const textFor = (email: string) => {
    const company = { ...readSetting('company', undefined), name: 'Flash & Frame', email };
    const form: InquiryForm = {
      form: readSetting('inquiry_form', undefined),
      company,
      locale: 'en-US',
      today: '2026-05-01',
      eventTypes: [],
    };
    const inquiry = { id: 'i', first_name: 'Ana', email: 'ana@client.example', summary: '' };
    return confirmationMail(inquiry, form, 'en', 'l').bodyHtml;
  };
  assert.match(textFor('hello@flash.example'), /just reply to this mail/);
  assert.doesNotMatch(textFor(''), /reply/);
});
