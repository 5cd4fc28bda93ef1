package message

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Role tells whether the address is that of a function, a list or a machine and not of one person:
// info@, sales@, buchhaltung@, no-reply@. It may stand for an organisation, never for somebody in particular.
func (i Identifier) Role() bool {
	if i.Kind != "email" {
		return false
	}
	local, _ := splitEmail(lowerASCII(i.Value))
	local, _, _ = strings.Cut(local, "+")
	for _, end := range []string{"-request", "-owner", "-bounces", "-bounce", "-subscribe", "-unsubscribe"} {
		if strings.HasSuffix(local, end) {
			return true
		}
	}
	local = withoutAccents(local)
	words := strings.FieldsFunc(local, func(r rune) bool { return strings.ContainsRune("-_.", r) })
	plain := strings.Join(words, "")
	if len(plain) <= 4 && len(words) > 1 {
		plain = local // h.r is somebody's initials
	}
	for _, start := range []string{"noreply", "donotreply", "nietbeantwoorden", "mailerdaemon"} {
		if strings.HasPrefix(plain, start) {
			return true
		}
	}
	return isOffice(plain) || isFunction(plain) || isFunction(strings.TrimRight(plain, "0123456789")) || isBranch(words)
}

// isBranch knows the function of one of several offices: info-berlin, sales.be, verkauf_2.
func isBranch(words []string) bool {
	if len(words) < 2 || len(words[0]) < 4 || !isFunction(words[0]) && !isOffice(words[0]) {
		return false
	}
	for _, w := range words[1:] {
		if len(strings.Trim(w, "0123456789")) > 2 && !isFunction(w) && words[0] != "info" {
			return false
		}
	}
	return true
}

// isOffice knows names that are put together of a function and something else: kundenservice, personeelszaken,
// ufficioacquisti. Nobody is called so.
func isOffice(plain string) bool {
	for _, end := range []string{
		"service", "services", "support", "helpdesk", "servicedesk", "department", "office", "desk", "frontdesk", "team", "orders", "invoices",
		"afdeling", "zaken", "dienst", "administratie", "balie", "receptie", "secretariaat", "verkoop", "inkoop", "planning", "facturen",
		"abteilung", "verwaltung", "buchhaltung", "annahme", "zentrale", "buero", "wesen", "betreuung", "bestellung", "rechnung", "einkauf",
		"verkauf", "vertrieb", "sekretariat", "leitung",
	} {
		if len(plain) > len(end)+2 && strings.HasSuffix(plain, end) {
			return true
		}
	}
	for _, start := range []string{
		"kunden", "rechnungs", "personalabt", "serviceclient", "servicecommercial", "servicetech", "serviceapres", "servicecompta", "serviceachat",
		"atencional", "atencioncl", "departamento", "dpto", "ufficio", "servizio", "reparto", "assistenza", "customer", "klanten", "department",
	} {
		if len(plain) > len(start) && strings.HasPrefix(plain, start) {
			return true
		}
	}
	return false
}

// withoutAccents takes the marks from letters, so that réservations and reservations are one word.
func withoutAccents(s string) string {
	if isASCII(s) {
		return s
	}
	s = strings.ReplaceAll(s, "ß", "ss")
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(s)))
}

// isFunction has the names of RFC 2142 and those that offices use, without - _ and dots and accents.
func isFunction(local string) bool {
	switch local {
	case "info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster",
		"usenet", "news", "webmaster", "www", "uucp", "ftp", "list", "lists", "listserv", "majordomo":
		return true
	case "admin", "administrator", "administration", "root", "sysadmin", "daemon", "system",
		"bounce", "bounces", "notification", "notifications", "notify", "alert", "alerts", "newsletter",
		"mailing", "mail", "email", "post", "inbox", "autoreply", "automail":
		return true
	case "contact", "contactus", "hello", "hi", "welcome", "office", "team", "reception", "frontdesk", "secretary", "secretariat", "help",
		"helpdesk", "service", "services", "servicedesk", "customerservice", "customercare", "customers", "clients", "feedback", "complaints", "claims",
		"enquiry", "enquiries", "inquiry", "inquiries", "questions", "request", "requests", "information", "general", "correspondence":
		return true
	case "billing", "invoice", "invoices", "invoicing", "finance", "financial", "accounts", "accounting", "accountspayable", "accountsreceivable",
		"payable", "receivable", "payments", "payroll", "purchasing", "purchase", "purchases", "procurement", "order", "orders", "ordering", "returns",
		"refunds", "shop", "webshop", "store", "suppliers", "logistics", "warehouse", "shipping", "delivery", "deliveries", "dispatch", "transport", "quality",
		"planning", "scheduling", "appointments", "booking", "bookings", "reservation", "reservations", "events", "quote", "quotes", "export", "import":
		return true
	case "hr", "jobs", "careers", "recruitment", "recruiting", "press", "media", "legal", "privacy", "gdpr", "dpo", "compliance", "it", "ict", "dev",
		"development", "hosting", "dns", "ssladmin", "everyone", "all", "staff", "management", "board", "technical", "maintenance", "facilities", "operations", "production":
		return true
	case // Dutch
		"administratie", "systeem", "nieuwsbrief", "postbus", "hallo", "welkom", "kantoor", "receptie", "balie", "secretariaat", "bureau",
		"klantenservice", "klantcontact", "klachten", "vragen", "informatie", "factuur", "facturen", "facturatie", "financien", "betalingen", "boekhouding",
		"debiteuren", "crediteuren", "inkoop", "verkoop", "bestelling", "bestellingen", "retour", "retouren", "winkel", "leveranciers", "logistiek",
		"magazijn", "expeditie", "verzending", "transportplanning", "afspraak", "afspraken", "reservering", "reserveringen", "boekingen", "offerte", "offertes",
		"vacatures", "personeelszaken", "werkenbij", "sollicitatie", "sollicitaties", "pers", "juridisch", "avg", "directie", "bestuur", "ledenadministratie",
		"techniek", "storingen", "onderhoud", "werkplaats", "beheer", "productie", "kwaliteit", "opleidingen", "inschrijving", "redactie", "loket":
		return true
	case // German
		"buchhaltung", "rechnungswesen", "rechnung", "rechnungen", "faktura", "fakturierung", "abrechnung", "debitoren", "kreditoren", "mahnung", "mahnungen",
		"mahnwesen", "zahlung", "zahlungen", "finanzen", "einkauf", "verkauf", "vertrieb", "aussendienst", "innendienst", "bestellung", "bestellungen",
		"auftrag", "auftraege", "angebot", "angebote", "kunden", "kundenservice", "kundendienst", "kontakt", "anfrage", "anfragen",
		"beschwerde", "beschwerden", "reklamation", "reklamationen", "retoure", "ruecksendung", "ruecksendungen", "versand", "lieferung", "lager", "logistik",
		"disposition", "dispo", "planung", "termin", "termine", "buchung", "buchungen", "reservierung", "reservierungen", "empfang", "rezeption", "sekretariat",
		"zentrale", "buero", "buro", "verwaltung", "geschaeftsfuehrung", "geschaftsfuhrung", "geschaeftsleitung", "leitung", "vorstand", "personal",
		"bewerbung", "bewerbungen", "karriere", "ausbildung", "presse", "datenschutz", "technik", "werkstatt", "wartung", "stoerung", "produktion",
		"qualitaet", "fuhrpark", "hausverwaltung", "praxis", "kanzlei", "redaktion", "anmeldung", "hilfe", "poststelle", "rechtsabteilung", "steuer", "lohn":
		return true
	case // French
		"comptabilite", "compta", "comptable", "facture", "factures", "facturation", "finances", "paiement", "paiements", "recouvrement", "tresorerie", "achat", "achats",
		"vente", "ventes", "commercial", "commerciale", "commande", "commandes", "devis", "client", "clientele", "serviceclient", "serviceclients",
		"relationclient", "relationclients", "accueil", "bonjour", "contactez", "courrier", "courriel", "renseignements", "reclamation", "reclamations", "sav", "retours",
		"livraison", "livraisons", "expedition", "expeditions", "logistique", "entrepot", "magasin", "boutique", "fournisseur", "fournisseurs",
		"rendezvous", "rdv", "agence", "exploitation", "direction", "directeur", "gerance", "rh", "ressourceshumaines", "recrutement", "emploi", "emplois",
		"candidature", "candidatures", "juridique", "technique", "atelier", "qualite", "mairie", "assistance", "redaction", "inscription", "inscriptions":
		return true
	case // Spanish
		"contabilidad", "facturacion", "facturas", "factura", "finanzas", "tesoreria", "pagos", "cobros", "compras", "ventas", "pedidos", "pedido", "presupuestos",
		"clientes", "cliente", "atencion", "atencionalcliente", "atencioncliente", "atencionclientes", "servicio", "servicioalcliente", "contacto", "hola", "correo", "buzon",
		"informacion", "consultas", "consulta", "reclamaciones", "quejas", "devoluciones", "envios", "entregas", "logistica", "almacen", "tienda", "proveedores",
		"reserva", "reservas", "citas", "cita", "recepcion", "secretaria", "oficina", "administracion", "gerencia", "direccion", "rrhh", "recursoshumanos", "empleo",
		"trabajo", "prensa", "juridico", "privacidad", "soporte", "tecnico", "serviciotecnico", "mantenimiento", "calidad", "produccion", "taller", "ayuda", "comercial", "comunicacion":
		return true
	case // Italian
		"contabilita", "fattura", "fatture", "fatturazione", "amministrazione", "finanza", "pagamenti", "acquisti", "acquisto", "vendite", "vendita",
		"ordini", "ordine", "preventivi", "preventivo", "clienti", "assistenza", "assistenzaclienti", "servizioclienti", "servizio", "contatti", "contatto", "posta", "pec",
		"informazioni", "richieste", "reclami", "resi", "spedizioni", "spedizione", "consegne", "magazzino", "negozio", "fornitori", "prenotazione", "prenotazioni",
		"appuntamenti", "segreteria", "ufficio", "direzione", "risorseumane", "personale", "lavoro", "stampa", "legale", "tecnica",
		"assistenzatecnica", "manutenzione", "qualita", "produzione", "officina", "aiuto", "redazione", "protocollo", "comunicazione", "sede", "presidenza":
		return true
	case // Polish, Danish, Swedish, Portuguese
		"biuro", "ksiegowosc", "sprzedaz", "zamowienia", "zamowienie", "zakupy", "faktury", "obsluga", "rezerwacje", "sklep", "kadry", "pomoc", "serwis",
		"bogholderi", "regnskab", "salg", "indkob", "kundeservice", "bestilling", "kontor",
		"ekonomi", "forsaljning", "inkop", "kundtjanst", "kundservice", "bokning", "reklamationer",
		"vendas", "contabilidade", "financeiro", "faturacao", "faturamento", "atendimento", "encomendas", "loja", "contato", "suporte":
		return true
	}
	return false
}
