package message

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// IsPublicMail tells whether everybody may have an address at a domain, written as Email gives it: two who write from there
// have nothing to do with each other.
func IsPublicMail(domain string) bool {
	if slices.Contains(publicMail, domain) {
		return true
	}
	label, _, _ := strings.Cut(domain, ".")
	if !slices.Contains(publicMailNames, label) {
		return false
	}
	whole, err := publicsuffix.EffectiveTLDPlusOne(domain)
	return err == nil && whole == domain
}

// publicMailNames are those of providers that have them in many countries: yahoo.fr, gmx.at.
var publicMailNames = []string{
	"gmail", "googlemail", "hotmail", "yahoo", "ymail", "rocketmail", "gmx", "protonmail", "yandex", "tutanota", "zohomail",
}

// publicMail are the other domains.
var publicMail = strings.Fields(`
	outlook.com outlook.at outlook.be outlook.cl outlook.cz outlook.de outlook.dk outlook.es outlook.fr outlook.hu outlook.ie
	outlook.in outlook.it outlook.jp outlook.kr outlook.pt outlook.sk outlook.com.au outlook.com.br outlook.com.tr
	live.com live.at live.be live.ca live.cl live.cn live.co.uk live.co.za live.com.ar live.com.au live.com.mx live.com.pt live.de
	live.dk live.fi live.fr live.hk live.ie live.in live.it live.jp live.nl live.no live.ru live.se msn.com msn.nl passport.com
	windowslive.com icloud.com me.com mac.com privaterelay.appleid.com aol.com aol.co.uk aol.de aol.fr aim.com verizon.net
	proton.me pm.me tuta.io tuta.com tutamail.com keemail.me hushmail.com hush.com fastmail.com fastmail.fm zoho.com zoho.eu
	mail.com email.com usa.com post.com europe.com consultant.com engineer.com hey.com duck.com inbox.com lycos.com excite.com
	mailbox.org posteo.de posteo.net startmail.com runbox.com disroot.org riseup.net mailinator.com yopmail.com
	ya.ru mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru ukr.net i.ua meta.ua tut.by abv.bg mail.bg
	qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn naver.com daum.net hanmail.net
	nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com web.de t-online.de freenet.de arcor.de online.de vodafone.de
	kabelmail.de email.de aon.at chello.at a1.net bluewin.ch hispeed.ch sunrise.ch
	ziggo.nl kpnmail.nl kpnplanet.nl planet.nl hetnet.nl xs4all.nl casema.nl home.nl upcmail.nl chello.nl quicknet.nl tele2.nl telfort.nl
	online.nl zonnet.nl hccnet.nl solcon.nl caiway.nl caiway.net versatel.nl wanadoo.nl zeelandnet.nl kabelfoon.nl freeler.nl
	12move.nl tiscali.nl onsbrabantnet.nl delta.nl
	telenet.be skynet.be proximus.be scarlet.be pandora.be voo.be belgacom.net brutele.be
	orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr club-internet.fr aliceadsl.fr
	libero.it virgilio.it tiscali.it alice.it tin.it inwind.it iol.it fastwebnet.it email.it tim.it
	telefonica.net terra.es ono.com sapo.pt terra.com.br uol.com.br bol.com.br ig.com.br globo.com globomail.com
	wp.pl o2.pl onet.pl op.pl interia.pl poczta.onet.pl vp.pl tlen.pl gazeta.pl seznam.cz email.cz centrum.cz post.cz atlas.cz
	centrum.sk azet.sk zoznam.sk freemail.hu citromail.hu telia.com comhem.se bredband.net spray.se tele2.se online.no
	broadpark.no mail.dk jubii.dk stofanet.dk suomi24.fi luukku.com kolumbus.fi
	btinternet.com btopenworld.com sky.com virginmedia.com virgin.net ntlworld.com blueyonder.co.uk talktalk.net tiscali.co.uk
	eircom.net comcast.net att.net sbcglobal.net bellsouth.net cox.net charter.net spectrum.net earthlink.net juno.com
	netzero.net optonline.net frontier.com rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca
	bigpond.com bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz mweb.co.za telkomsa.net walla.co.il walla.com mynet.com`)
