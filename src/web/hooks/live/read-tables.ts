// biome-ignore-all format: generated
// Made by test/web/hooks/live/shown-tables.test.ts from the functions of the tenant schema; UPDATE_BASELINES=1 renews it.

/** Tables whose changes screens are notified of. */
export const TABLES = ['accounts', 'add_ons', 'archive', 'attachments', 'booth_assignments', 'booth_types', 'booths', 'communications', 'contact_accounts', 'contacts', 'contracts', 'core_task_templates', 'design_item_types', 'design_statuses', 'equipment_assignments', 'equipment_items', 'equipment_types', 'event_categories', 'event_core_task_completion', 'event_custom_items', 'event_dates', 'event_design_items', 'event_staff_assignments', 'event_types', 'events', 'invoice_line_items', 'invoices', 'leads', 'locations', 'notes', 'notices', 'number_sequences', 'opportunities', 'opportunity_line_items', 'packages', 'payment_status_options', 'payments', 'products', 'quote_line_items', 'quotes', 'sample_records', 'saved_views', 'staff_roles', 'tasks', 'templates', 'tenant_settings', 'time_off', 'user_integrations', 'user_pay_rate_history', 'user_role_history'] as const;

/** What functions read that screens call; `all`: the history of changes. */
export const FUNCTION_TABLES = {
  archived_records: ['accounts', 'archive', 'contacts', 'events'],
  booking_counts: ['booth_assignments', 'booth_types', 'equipment_assignments', 'equipment_types', 'event_dates', 'event_staff_assignments', 'tenant_settings'],
  bookings_out_of_service: ['booth_assignments', 'booths', 'equipment_assignments', 'equipment_items', 'event_dates', 'events', 'opportunities', 'tenant_settings'],
  check_availability: ['booth_assignments', 'booth_types', 'booths', 'equipment_assignments', 'equipment_items', 'equipment_types', 'event_dates', 'event_staff_assignments', 'locations', 'packages', 'tenant_settings', 'time_off', 'user_pay_rate_history', 'user_role_history'],
  conversion_report: ['leads', 'opportunities', 'tenant_settings'],
  crew_candidates: ['event_dates', 'event_staff_assignments', 'events', 'staff_roles', 'tenant_settings', 'time_off', 'user_pay_rate_history', 'user_role_history'],
  crew_pay_report: ['event_dates', 'event_staff_assignments', 'events', 'staff_roles', 'tenant_settings', 'user_pay_rate_history'],
  crew_shift_pay: ['event_dates', 'event_staff_assignments', 'events', 'staff_roles', 'tenant_settings', 'user_pay_rate_history'],
  day_states: ['booth_assignments', 'booth_types', 'booths', 'equipment_assignments', 'equipment_items', 'equipment_types', 'event_dates', 'event_staff_assignments', 'tenant_settings', 'time_off'],
  deal_days: ['booth_assignments', 'booth_types', 'booths', 'equipment_assignments', 'equipment_items', 'equipment_types', 'event_dates', 'event_staff_assignments', 'opportunities', 'opportunity_line_items', 'packages', 'quote_line_items', 'quotes', 'time_off'],
  event_order: ['booth_types', 'events', 'invoice_line_items', 'invoices', 'opportunity_line_items', 'packages', 'quote_line_items', 'quotes'],
  event_profit: ['event_custom_items', 'event_dates', 'event_staff_assignments', 'events', 'invoices', 'payments', 'staff_roles', 'tenant_settings', 'user_pay_rate_history'],
  event_readiness: ['booth_assignments', 'booth_types', 'booths', 'contracts', 'equipment_assignments', 'event_dates', 'event_design_items', 'event_staff_assignments', 'events', 'invoices', 'opportunity_line_items', 'packages', 'quote_line_items', 'quotes', 'tenant_settings', 'user_role_history'],
  find_duplicates: ['accounts', 'contacts', 'equipment_types', 'event_types', 'locations'],
  notices: ['notices'],
  notices_without_mail: [],
  open_shifts: ['booth_assignments', 'booth_types', 'booths', 'event_dates', 'event_staff_assignments', 'events', 'locations', 'tenant_settings', 'user_role_history'],
  overbookings: ['booth_assignments', 'booth_types', 'booths', 'equipment_assignments', 'equipment_items', 'equipment_types', 'event_dates', 'event_staff_assignments', 'events', 'opportunities', 'tenant_settings'],
  pipeline_board: ['accounts', 'event_dates', 'leads', 'opportunities', 'tenant_settings'],
  pipeline_report: ['opportunities', 'tenant_settings'],
  preview_move: ['booth_assignments', 'booth_types', 'booths', 'equipment_assignments', 'equipment_items', 'equipment_types', 'event_core_task_completion', 'event_dates', 'event_design_items', 'event_staff_assignments', 'events', 'tenant_settings', 'time_off'],
  profit_by_event: ['event_custom_items', 'event_dates', 'event_staff_assignments', 'events', 'invoices', 'payments', 'staff_roles', 'tenant_settings', 'user_pay_rate_history'],
  profit_report: ['event_custom_items', 'event_dates', 'event_staff_assignments', 'events', 'invoices', 'payments', 'staff_roles', 'tenant_settings', 'user_pay_rate_history'],
  receivables_report: ['accounts', 'invoices', 'payments', 'tenant_settings'],
  record_history: 'all',
  revenue_report: ['invoices', 'payments', 'tenant_settings'],
  sales_tax_report: ['event_dates', 'events', 'invoices', 'locations', 'payments', 'tenant_settings'],
  search_records: ['accounts', 'booths', 'contacts', 'contracts', 'equipment_items', 'event_staff_assignments', 'events', 'invoices', 'leads', 'locations', 'opportunities', 'packages', 'products', 'quotes', 'tasks'],
  setup_progress: ['booths', 'leads', 'opportunities', 'packages', 'quotes', 'sample_records', 'templates', 'tenant_settings', 'user_integrations'],
  time_off: ['time_off'],
  today_numbers: ['events', 'invoices', 'leads', 'opportunities', 'tenant_settings'],
  utilisation_report: ['booth_assignments', 'booth_types', 'booths', 'equipment_assignments', 'equipment_items', 'equipment_types', 'event_dates', 'event_staff_assignments', 'time_off', 'user_role_history'],
} as const satisfies Record<string, readonly string[] | 'all'>;
