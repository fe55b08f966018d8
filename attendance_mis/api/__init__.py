"""What every interface for partners shares: its door, its refusals, and the document that describes it.

An `Endpoint` is declared once, and its url, its checks, the OpenAPI document and the page for people come from that.
"""
