import { expect } from 'chai';
import { convertErb } from '../../../lib/import/erb';

describe('an ERB template', () => {
  const text = (erb: string): string => convertErb(erb).text;

  it("has dock0's configuration in vars, except the host name", () => {
    expect(
      text("<%= @config['hostname'] %> <%= @config[:domain] %> <%= @config['net']['v-4'][0] %>."),
    ).to.equal('<%= hostname %> <%= vars.domain %> <%= vars.net["v-4"][0] %>.');
  });

  it("has the configuration as CONFIG in dock0's first versions", () => {
    expect(
      text("<% CONFIG['net']['addrs'].each do |addr| %>\n<%= addr %> <%= CONFIG['hostname'] %>."),
    ).to.equal('<% for (const addr of vars.net.addrs) { -%>\n<%= addr %> <%= hostname %>.');
  });

  it('keeps loops and conditions', () => {
    expect(text("<% @config['list'].each do |item| %>\n- <%= item['name'] %>\n<% end %>\n")).to.equal(
      '<% for (const item of vars.list) { -%>\n- <%= item.name %>\n<% } -%>\n',
    );
    expect(text("<% @config['map'].each do |key, value| %>")).to.equal(
      '<% for (const [key, value] of Object.entries(vars.map)) { -%>',
    );
    expect(
      text("<% if @config['a'] == 'b' && !@config['c'] %>x<% elsif @config['d'] %>y<% else %>z<% end %>"),
    ).to.equal("<% if (vars.a === 'b' && !vars.c) { %>x<% } else if (vars.d) { %>y<% } else { %>z<% } -%>");
    expect(text("<% unless @config['a'].empty? %>")).to.equal('<% if (!((vars.a.length === 0))) { -%>');
  });

  it('drops the line end of lines that start and end with a tag, as dock0 did', () => {
    expect(text("<%= @config['a'] %>\nb <%= @config['c'] %>\n")).to.equal(
      '<%= vars.a -%>\nb <%= vars.c %>\n',
    );
  });

  it('drops comments and joins like Ruby', () => {
    expect(text("<%# note %>\n<%= @config['list'].join(', ') %>;\n")).to.equal(
      "<%# -%>\n<%= vars.list.join(', ') %>;\n",
    );
  });

  it('keeps unknown Ruby, and lists it', () => {
    const { text: kept, left } = convertErb("a <%= `date`.chomp %> <% @config['x'].map(&:y).each do |z| %>");
    expect(left).to.deep.equal(['`date`.chomp', "@config['x'].map(&:y).each do |z|"]);
    expect(kept).to.contain('<%= `date`.chomp %>');
  });
});
