package io.shardex.worker.device;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** An element of a document, with paths of names such as {@code temperature/gpu_temp}. */
record Xml(Element element) {
  /** Reads a document; loads nothing that it refers to. */
  static Xml parse(String text) throws IOException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
      factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
      factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
      var builder = factory.newDocumentBuilder();
      // Without one it prints to standard error.
      builder.setErrorHandler(new DefaultHandler());
      return new Xml(
          builder.parse(new InputSource(new StringReader(text.strip()))).getDocumentElement());
    } catch (SAXException | ParserConfigurationException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The children of a name, in order. */
  List<Xml> children(String name) {
    List<Xml> children = new ArrayList<>();
    for (Node at = element.getFirstChild(); at != null; at = at.getNextSibling()) {
      if (at instanceof Element child && child.getTagName().equals(name)) {
        children.add(new Xml(child));
      }
    }
    return children;
  }

  /** The first element at a path; empty if there is none. */
  Optional<Xml> at(String path) {
    Optional<Xml> at = Optional.of(this);
    for (String name : path.split("/", -1)) {
      at = at.flatMap(parent -> parent.children(name).stream().findFirst());
    }
    return at;
  }

  /** Its text without space around; empty text if there is no such element. */
  String text(String path) {
    return at(path).map(Xml::text).orElse("");
  }

  String text() {
    return element.getTextContent().strip();
  }

  /** The elements in it, in order. */
  List<Xml> children() {
    List<Xml> children = new ArrayList<>();
    for (Node at = element.getFirstChild(); at != null; at = at.getNextSibling()) {
      if (at instanceof Element child) {
        children.add(new Xml(child));
      }
    }
    return children;
  }

  String name() {
    return element.getTagName();
  }

  String attribute(String name) {
    return element.getAttribute(name);
  }
}
